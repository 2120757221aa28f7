-- A row is a lease: until then one broker does this work and no other. Nothing is lost with this table.

create table jobs (
  job text primary key,
  holder text not null,
  until_ms integer not null
) strict, without rowid;
