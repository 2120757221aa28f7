-- A request is for one or more targets, and becomes a grant for each person on each of them: the grants' own table
-- tells which.

alter table requests rename column target to targets;
drop index requests_by_grant_id;
alter table requests drop column grant_id;
create index grants_by_person_and_open on grants (person, open, ordinal);
