/** The style sheet of a diagram, within it: it goes along into a file. Renderers without it have the attributes. */

const light =
  'sheet:#fff;box:#fff;ink:#1d2733;soft:#5b6774;line:#7d8a99;head:#dcebf2;name:#0f3d53;mark:#9a6700;lit:#1f6a8c';
const dark =
  'sheet:#17181c;box:#1f2126;ink:#e6e9ee;soft:#a3adb9;line:#77828f;head:#10303f;name:#cfe6f1;mark:#d9a63a;lit:#7fc3e0';

/** `ink:#123` as `--diagram-…` of a page, where it has one, else this. */
function palette(colours: string): string {
  return colours
    .split(';')
    .map((one) => one.split(':'))
    .map(([name, colour]) => `--${name}:var(--diagram-${name},${colour})`)
    .join(';');
}

export const styleSheet = [
  `.table-diagram{${palette(light)}}`,
  `@media (prefers-color-scheme:dark){.table-diagram{${palette(dark)}}}`,
  `[data-theme=light] .table-diagram{${palette(light)}}`,
  `[data-theme=dark] .table-diagram{${palette(dark)}}`,
  `.table-diagram .sheet{fill:var(--sheet)}`,
  `.table-diagram .lines{stroke:var(--line)}`,
  `.table-diagram .boxes,.table-diagram .boxes text{fill:var(--ink)}`,
  `.table-diagram .frame{fill:var(--box);stroke:var(--line)}`,
  `.table-diagram .view .frame{stroke-dasharray:4 3}`,
  `.table-diagram .head{fill:var(--head)}`,
  `.table-diagram .boxes .name{fill:var(--name)}`,
  `.table-diagram .boxes .soft,.table-diagram .heading{fill:var(--soft)}`,
  `.table-diagram .mark{stroke:var(--mark)}`,
  `.table-diagram a{text-decoration:none;cursor:pointer}`,
  `.table-diagram a:is(:hover,:focus-visible) .frame{stroke:var(--lit);stroke-width:2}`,
  `.table-diagram a:focus-visible{outline:none}`,
  `.table-diagram .lit,.table-diagram .line:hover{stroke:var(--lit);stroke-width:2}`,
].join('');
