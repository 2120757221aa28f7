-- The log. Signed history: rows are added, never changed.

create table head (
  id integer primary key check (id = 1),
  size integer not null check (size >= 0),
  root blob not null check (length(root) = 32),
  last_leaf blob not null check (length(last_leaf) = 32),
  time_ms integer not null,
  checkpoint blob not null
) strict;

create trigger the_head_is_never_deleted before delete on head
begin select raise(abort, 'the head is never deleted'); end;

create table entries (
  seq integer primary key check (seq >= 0),
  stream text not null,
  version integer not null check (version >= 1),
  bytes blob not null,
  unique (stream, version)
) strict;

create trigger entries_are_never_changed before update on entries
begin select raise(abort, 'entries are never changed'); end;

create trigger entries_are_never_deleted before delete on entries
begin select raise(abort, 'entries are never deleted'); end;

-- Beside the log: what its entries refer to by hash or commitment.

create table disclosures (
  seq integer not null,
  field text not null,
  key blob not null,
  value text not null,
  primary key (seq, field)
) strict;

create table attachments (
  digest text primary key,
  bytes blob not null
) strict;

create table secrets (
  kind text not null,
  id text not null,
  person text not null,
  value blob not null,
  expires_at_ms integer,
  primary key (kind, id)
) strict, without rowid;
create index secrets_of_a_person on secrets (kind, person);
create index secrets_by_expiry on secrets (expires_at_ms) where expires_at_ms is not null;

create table idempotency (
  key text primary key,
  digest text not null,
  about text not null,
  expires_at_ms integer not null
) strict, without rowid;
create index idempotency_by_expiry on idempotency (expires_at_ms);

-- Derived from the entries: a rebuild makes all of this again.

create table tiles (
  level integer not null check (level >= 0),
  n integer not null check (n >= 0),
  hashes blob not null,
  primary key (level, n)
) strict;

create table streams (
  stream text primary key,
  version integer not null,
  state text not null,
  due_at_ms integer
) strict, without rowid;
create index streams_by_due_time on streams (due_at_ms) where due_at_ms is not null;

create table requests (
  key text primary key,
  seq integer not null,
  ordinal integer not null,
  person text not null,
  entitlement text not null,
  targets text not null,
  extends_grant text,
  state text not null,
  submitted_at_ms integer not null,
  review_by_ms integer,
  ends_at_ms integer,
  break_glass integer not null,
  open integer not null
) strict, without rowid;
create index requests_by_ordinal on requests (ordinal);
create index requests_by_person on requests (person, ordinal);
create index requests_by_person_and_open on requests (person, open, ordinal);
create index requests_by_extends_grant on requests (extends_grant, ordinal);

create table waiting (
  key text primary key,
  seq integer not null,
  ordinal integer not null,
  request text not null,
  group_name text not null,
  purpose text not null,
  review_by_ms integer not null
) strict, without rowid;
create index waiting_by_ordinal on waiting (ordinal);
create index waiting_by_group_name on waiting (group_name, ordinal);
create index waiting_by_purpose on waiting (purpose, ordinal);

create table grants (
  key text primary key,
  seq integer not null,
  ordinal integer not null,
  request text not null,
  person text not null,
  target text not null,
  ends_at_ms integer,
  activate_by_ms integer not null,
  open integer not null
) strict, without rowid;
create index grants_by_ordinal on grants (ordinal);
create index grants_by_person on grants (person, ordinal);
create index grants_by_open on grants (open, ordinal);
create index grants_by_person_and_open on grants (person, open, ordinal);

create table people (
  key text primary key,
  seq integer not null,
  ordinal integer not null,
  issuer text not null,
  display_seq integer
) strict, without rowid;
create index people_by_ordinal on people (ordinal);
create index people_by_issuer on people (issuer, ordinal);

create table tickets (
  key text primary key,
  seq integer not null,
  ordinal integer not null,
  source text not null,
  project text not null,
  state text not null,
  creator text not null
) strict, without rowid;
create index tickets_by_ordinal on tickets (ordinal);
create index tickets_by_source on tickets (source, ordinal);
create index tickets_by_creator on tickets (creator, ordinal);
