-- The log. Signed history: rows are added, never changed.

create table head (
  id smallint primary key check (id = 1),
  size bigint not null check (size >= 0),
  root bytea not null check (length(root) = 32),
  last_leaf bytea not null check (length(last_leaf) = 32),
  time_ms bigint not null,
  checkpoint bytea not null
);

create table entries (
  seq bigint primary key check (seq >= 0),
  stream text collate "C" not null,
  version bigint not null check (version >= 1),
  bytes bytea not null,
  unique (stream, version)
);

-- Beside the log: what its entries refer to by hash or commitment.

create table disclosures (
  seq bigint not null,
  field text collate "C" not null,
  key bytea not null,
  -- UTF-8; bytes, since a text may hold what PostgreSQL allows in none (U+0000).
  value bytea not null,
  primary key (seq, field)
);

create table attachments (
  digest text collate "C" primary key,
  bytes bytea not null
);

create table secrets (
  kind text collate "C" not null,
  id text collate "C" not null,
  person text collate "C" not null,
  value bytea not null,
  expires_at_ms bigint,
  primary key (kind, id)
);
create index secrets_of_a_person on secrets (kind, person);
create index secrets_by_expiry on secrets (expires_at_ms) where expires_at_ms is not null;

create table idempotency (
  key text collate "C" primary key,
  digest text collate "C" not null,
  about text collate "C" not null,
  expires_at_ms bigint not null
);
create index idempotency_by_expiry on idempotency (expires_at_ms);

-- Derived from the entries: a rebuild makes all of this again.

create table tiles (
  level bigint not null check (level >= 0),
  n bigint not null check (n >= 0),
  hashes bytea not null,
  primary key (level, n)
);

create table streams (
  stream text collate "C" primary key,
  version bigint not null,
  state text collate "C" not null,
  due_at_ms bigint
);
create index streams_by_due_time on streams (due_at_ms) where due_at_ms is not null;

create table requests (
  key text collate "C" primary key,
  seq bigint not null,
  ordinal bigint not null,
  person text collate "C" not null,
  entitlement text collate "C" not null,
  targets text collate "C" not null,
  extends_grant text collate "C",
  state text collate "C" not null,
  submitted_at_ms bigint not null,
  review_by_ms bigint,
  ends_at_ms bigint,
  break_glass bigint not null,
  open bigint not null
);
create index requests_by_ordinal on requests (ordinal);
create index requests_by_person on requests (person, ordinal);
create index requests_by_person_and_open on requests (person, open, ordinal);
create index requests_by_extends_grant on requests (extends_grant, ordinal);

create table waiting (
  key text collate "C" primary key,
  seq bigint not null,
  ordinal bigint not null,
  request text collate "C" not null,
  group_name text collate "C" not null,
  purpose text collate "C" not null,
  review_by_ms bigint not null
);
create index waiting_by_ordinal on waiting (ordinal);
create index waiting_by_group_name on waiting (group_name, ordinal);
create index waiting_by_purpose on waiting (purpose, ordinal);

create table grants (
  key text collate "C" primary key,
  seq bigint not null,
  ordinal bigint not null,
  request text collate "C" not null,
  person text collate "C" not null,
  target text collate "C" not null,
  ends_at_ms bigint,
  activate_by_ms bigint not null,
  open bigint not null
);
create index grants_by_ordinal on grants (ordinal);
create index grants_by_person on grants (person, ordinal);
create index grants_by_open on grants (open, ordinal);
create index grants_by_person_and_open on grants (person, open, ordinal);

create table people (
  key text collate "C" primary key,
  seq bigint not null,
  ordinal bigint not null,
  issuer text collate "C" not null,
  display_seq bigint
);
create index people_by_ordinal on people (ordinal);
create index people_by_issuer on people (issuer, ordinal);

create table tickets (
  key text collate "C" primary key,
  seq bigint not null,
  ordinal bigint not null,
  source text collate "C" not null,
  project text collate "C" not null,
  state text collate "C" not null,
  creator text collate "C" not null
);
create index tickets_by_ordinal on tickets (ordinal);
create index tickets_by_source on tickets (source, ordinal);
create index tickets_by_creator on tickets (creator, ordinal);

-- Second to the grants: these hold for the owner too, as long as nobody takes them away. Whoever does is found by
-- what was signed.

create function what_was_signed_stays() returns trigger language plpgsql as $$
begin
  raise exception '% are never changed, deleted or emptied', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger entries_are_never_changed before update or delete on entries
for each row execute function what_was_signed_stays();
create trigger entries_are_never_emptied before truncate on entries
for each statement execute function what_was_signed_stays();

create trigger attachments_are_never_changed before update or delete on attachments
for each row execute function what_was_signed_stays();
create trigger attachments_are_never_emptied before truncate on attachments
for each statement execute function what_was_signed_stays();

create trigger the_head_is_never_deleted before delete on head
for each row execute function what_was_signed_stays();
create trigger the_head_is_never_emptied before truncate on head
for each statement execute function what_was_signed_stays();

-- A tile at the right edge gets longer; the hashes in it stay. A rebuild deletes and writes anew.
create function tiles_only_grow() returns trigger language plpgsql as $$
begin
  if new.level = old.level and new.n = old.n
    and substring(new.hashes from 1 for length(old.hashes)) = old.hashes then
    return new;
  end if;
  raise exception 'tile %/% would lose hashes: stop the brokers and run "server rebuild"', old.level, old.n
    using errcode = 'restrict_violation';
end $$;

create trigger tiles_only_grow before update on tiles
for each row execute function tiles_only_grow();
