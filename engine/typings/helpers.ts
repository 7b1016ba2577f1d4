/** The part of the printed file that is the same for every project: short names for rows, bodies and enums. */

export const json = `export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]
`;

/** `Tables<"books">`, and `Tables<{ schema: "stock" }, "items">` for another schema than `public`. */
export const helpers = `type Schemas = Omit<Database, "__InternalSupabase">

type Part = "Tables" | "Views" | "Enums" | "CompositeTypes"

type Names<Schema extends keyof Schemas, Parts extends Part> = {
  [P in Parts]: keyof Schemas[Schema][P]
}[Parts]

type OtherSchema = { schema: keyof Schemas }

type NamesIn<Name, Parts extends Part> = Name extends {
  schema: infer Schema extends keyof Schemas
}
  ? Names<Schema, Parts>
  : never

type Named<P extends Part, Name, NameThere> = P extends Part
  ? Name extends { schema: infer Schema extends keyof Schemas }
    ? NameThere extends keyof Schemas[Schema][P]
      ? Schemas[Schema][P][NameThere]
      : never
    : Name extends keyof Schemas["public"][P]
      ? Schemas["public"][P][Name]
      : never
  : never

type Field<Of, Key extends string> = Of extends { [K in Key]: infer Value }
  ? Value
  : never

export type Tables<
  Name extends Names<"public", "Tables" | "Views"> | OtherSchema,
  NameThere extends NamesIn<Name, "Tables" | "Views"> = never,
> = Field<Named<"Tables" | "Views", Name, NameThere>, "Row">

export type TablesInsert<
  Name extends Names<"public", "Tables"> | OtherSchema,
  NameThere extends NamesIn<Name, "Tables"> = never,
> = Field<Named<"Tables", Name, NameThere>, "Insert">

export type TablesUpdate<
  Name extends Names<"public", "Tables"> | OtherSchema,
  NameThere extends NamesIn<Name, "Tables"> = never,
> = Field<Named<"Tables", Name, NameThere>, "Update">

export type Enums<
  Name extends Names<"public", "Enums"> | OtherSchema,
  NameThere extends NamesIn<Name, "Enums"> = never,
> = Named<"Enums", Name, NameThere>

export type CompositeTypes<
  Name extends Names<"public", "CompositeTypes"> | OtherSchema,
  NameThere extends NamesIn<Name, "CompositeTypes"> = never,
> = Named<"CompositeTypes", Name, NameThere>
`;
