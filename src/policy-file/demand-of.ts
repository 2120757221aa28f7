import { aDuration } from './vocabulary.ts';

const scopeText =
  'no blanks, quotes, braces, `$`, backslashes or invisible characters: a cloud would read them as more than text.';
const aRole = 'letters, digits and `+=,.@_-`, at most 64 of them.';
const exactText =
  'text in its one canonical spelling (NFC; no blank at the ends, no double blank, nothing invisible).';
const aDay = 'a day of the calendar, year first.';
const aClockTime = 'a time of day from 00:00 to 23:59, in quotes.';
const aPersonId =
  'a person id is `p-` and 26 small letters or digits from 2 to 7; `countersign whoami` shows yours.';
export const demands: Readonly<Record<string, string>> = {
  mail: 'an e-mail address.',
  time_zone: 'a time zone by its IANA name.',
  'awake.from': aClockTime,
  'awake.to': aClockTime,
  'delegates.from': aDay,
  person: aPersonId,
  'groups.*.people': aPersonId,
  'humans.*': aPersonId,
  named: aPersonId,
  after: aDuration,
  schedule: aDuration,
  at_most: aDuration,
  within: aDuration,
  'waiting.review': aDuration,
  activation: aDuration,
  drill_every: 'a number of whole days.',
  until: aDay,
  aws: 'an account number has 12 digits.',
  regions: 'a region as AWS writes it.',
  audience: 'an https address without query or fragment (http only for 127.0.0.1 and localhost).',
  project: 'letters, digits, `-` and `_`.',
  role: aRole,
  idp: exactText,
  group: exactText,
  subject: exactText,
  actions: scopeText,
  on: scopeText,
};
