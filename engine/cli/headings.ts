/** What `novastack --help` says of each command, apart from the commands: none of them is loaded for it. */
import type { Heading } from './command.ts';

export const headings = {
  init: {
    name: 'init',
    summary: 'begin a project, new or over an existing database',
    usage: 'init [dir]',
  },
  dev: {
    name: 'dev',
    summary: 'serve with hot reload, embedded databases and docs',
    usage: 'dev [dir…]',
  },
  serve: {
    name: 'serve',
    summary: 'the production engine: projects from Git',
    usage: 'serve',
  },
  validate: {
    name: 'validate',
    summary: 'check a project without a database',
    usage: 'validate [dir]',
  },
  test: {
    name: 'test',
    summary: "run the project's own tests",
    usage: 'test [dir]',
  },
  plan: {
    name: 'plan',
    summary: 'what a change would do: API, access, databases',
    usage: 'plan [dir]',
  },
  explain: {
    name: 'explain',
    summary: 'what a role may do, and the SQL of a request',
    usage: 'explain R [table] [dir]',
  },
  lock: {
    name: 'lock',
    summary: 'write novastack.lock/ from the databases, or compare',
    usage: 'lock [dir]',
  },
  migrate: {
    name: 'migrate',
    summary: 'see which migrations ran, and apply the rest',
    usage: 'migrate status|up [dir]',
  },
  token: {
    name: 'token',
    summary: 'mint a development token for a role',
    usage: 'token [dir] --role R',
  },
  types: {
    name: 'types',
    summary: 'print types for clients',
    usage: 'types [dir]',
  },
  docs: {
    name: 'docs',
    summary: 'build the documentation site',
    usage: 'docs [dir]',
  },
} satisfies Readonly<Record<string, Heading>>;
