import { escapeIdentifier } from 'pg';
import { Failure } from '../../domain/errors.ts';
import { readModelTables } from '../../projections/tables.ts';
import type { Database } from './connection.ts';
import { asFailure } from './failures.ts';

/** What a broker does to each table. Nothing more is ever granted. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  migrations: ['select'],
  entries: ['select', 'insert'],
  attachments: ['select', 'insert'],
  head: ['select', 'insert', 'update'],
  disclosures: ['select', 'insert', 'delete'],
  secrets: ['select', 'insert', 'update', 'delete'],
  idempotency: ['select', 'insert', 'update', 'delete'],
  jobs: ['select', 'insert', 'update', 'delete'],
  // Derived: a rebuild deletes them. What they must say is signed.
  tiles: ['select', 'insert', 'update', 'delete'],
  streams: ['select', 'insert', 'update', 'delete'],
  ...Object.fromEntries(
    Object.keys(readModelTables).map((name) => [name, ['select', 'insert', 'update', 'delete']]),
  ),
};

/** Gives a role what a broker needs, and takes away what else it was given. Run as the owner. */
export async function grantToBroker(database: Database, role: string): Promise<void> {
  try {
    await database.on(async (client) => {
      await client.query('begin');
      const { rows } = await client.query<{ schema: string }>('select current_schema() as schema');
      const schema = escapeIdentifier(rows[0]?.schema ?? 'public');
      const name = escapeIdentifier(role);
      await client.query(`grant usage on schema ${schema} to ${name}`);
      for (const [table, rights] of Object.entries(NEEDS)) {
        const one = `${schema}.${escapeIdentifier(table)}`;
        await client.query(`revoke all on ${one} from ${name}, public`);
        await client.query(`grant ${rights.join(', ')} on ${one} to ${name}`);
      }
      await client.query('commit');
    });
  } catch (error) {
    throw asFailure(error);
  }
}

interface Rights {
  readonly role: string;
  /** `select on head` */
  readonly missing: readonly string[];
  /** Whether this role could change or delete what was signed. */
  readonly tooWide: boolean;
  /** Triggers of ours that are gone or switched off. */
  readonly unguarded: readonly string[];
}

const GUARDS = [
  'entries_are_never_changed',
  'entries_are_never_emptied',
  'attachments_are_never_changed',
  'attachments_are_never_emptied',
  'the_head_is_never_deleted',
  'the_head_is_never_emptied',
  'tiles_only_grow',
];

/**
 * Throws `Failure` `store-unavailable` when a right is missing; what is weaker than it could be is given back in words:
 * the log's own proofs find what it lets happen.
 */
export async function checkRights(database: Database): Promise<readonly string[]> {
  const { role, missing, tooWide, unguarded } = await rightsOf(database);
  if (missing.length > 0) {
    throw new Failure('store-unavailable', `the database role ${role} may not ${missing.join(', ')}`, {
      mend: `As the owner, run \`countersign server migrate --role ${role}\`.`,
    });
  }
  const notices: string[] = [];
  if (unguarded.length > 0) {
    notices.push(
      `somebody took away or switched off ${unguarded.join(', ')} in the database: run \`countersign log verify\`, and find out who did it`,
    );
  }
  if (tooWide) {
    notices.push(
      `the database role ${role} may change and delete entries: give the broker a role of its own with \`countersign server migrate --role ROLE\``,
    );
  }
  return notices;
}

async function rightsOf(database: Database): Promise<Rights> {
  const pairs = Object.entries(NEEDS).flatMap(([table, rights]) =>
    rights.map((right) => [table, right] as const),
  );
  try {
    return await database.on(async (client) => {
      const { rows: lacking } = await client.query<{ what: string }>(
        `select wanted.right || ' on ' || wanted.name as what from unnest($1::text[], $2::text[]) as wanted (name, "right")
          where not has_table_privilege(wanted.name, wanted.right)`,
        [pairs.map(([table]) => table), pairs.map(([, right]) => right)],
      );
      const { rows: wide } = await client.query<{ role: string; wide: boolean }>(
        `select current_user as role, bool_or(has_table_privilege(name, 'update, delete, truncate')) as wide
          from unnest(array['entries', 'attachments']) as name`,
      );
      const { rows: guards } = await client.query<{ name: string }>(
        `select guard as name from unnest($1::text[]) as guard where not exists (
          select from pg_trigger join pg_class on pg_class.oid = tgrelid
          where tgname = guard and tgenabled in ('O', 'A') and pg_class.relnamespace = current_schema()::regnamespace)`,
        [GUARDS],
      );
      return {
        role: wide[0]?.role ?? '',
        missing: lacking.map(({ what }) => what),
        tooWide: wide[0]?.wide === true,
        unguarded: guards.map(({ name }) => name),
      };
    });
  } catch (error) {
    throw asFailure(error);
  }
}
