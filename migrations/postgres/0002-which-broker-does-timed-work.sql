-- A row is a lease: until then one broker does this work and no other. Nothing is lost with this table.

create table jobs (
  job text collate "C" primary key,
  holder text collate "C" not null,
  until_ms bigint not null
);
