import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parsePolicyFile } from '../../src/policy-file/parse.ts';
import { noScopeFile, projectFile } from './sample-policy.ts';

type Expected = readonly [at: string, rule: string, says: string];

/** For each file `policy_<why it is bad>.yaml`: every mistake in it, and none else. */
const expected: Readonly<Record<string, readonly Expected[]>> = {
  unknown_key_with_suggestion: [['6:17', 'unknown-key', 'Did you mean `owner`?']],
  unknown_top_level_key: [['5:1', 'unknown-key', '`zones`']],
  unknown_key_far_from_any: [['2:26', 'unknown-key', 'Nothing is called `colour`']],
  missing_review_is_never_inferred: [['16:3', 'missing-key', '`review` is missing']],
  missing_ticket_is_never_inferred: [['16:3', 'missing-key', '`ticket` is missing']],
  missing_section: [['1:1', 'missing-key', '`factors` is missing']],
  empty_eligible_is_not_a_list: [['21:14', 'empty-value', 'a list is needed']],
  eligible_is_one_word: [['21:15', 'wrong-type', 'eligible: [engineers]']],
  account_unquoted_with_leading_zero: [['9:36', 'account-is-text', 'aws: "012345678901"']],
  account_unquoted: [['9:36', 'account-is-text', 'aws: "447109238812"']],
  account_with_eleven_digits: [['9:36', 'out-of-bounds', '12 digits']],
  target_without_provider: [['8:3', 'missing-key', 'how it is reached']],
  target_with_two_providers: [['8:74', 'unknown-key', '`aws`']],
  provider_not_built_yet: [['9:32', 'not-built-yet', '`kubernetes` is not built yet']],
  audience_over_plain_http: [['8:48', 'out-of-bounds', 'https']],
  audience_pretends_loopback: [['8:48', 'out-of-bounds', 'https']],
  audience_with_user_information: [['8:48', 'out-of-bounds', 'https']],
  passkey_make_in_capitals: [['14:49', 'out-of-bounds', 'authenticators: [']],
  passkey_makes_of_an_empty_list: [['14:48', 'out-of-bounds', 'authenticators: [']],
  factor_misspelt: [['13:35', 'unknown-word', 'Did you mean `totp`?']],
  notify_channel_unknown: [['14:25', 'unknown-word', 'Did you mean `email`?']],
  escalate_without_a_group: [['24:35', 'missing-key', '`to` is missing']],
  without_misspelt: [['26:52', 'unknown-word', 'Did you mean `witness`?']],
  ticket_source_kind_not_built_yet: [['10:37', 'not-built-yet', 'kind: register']],
  ticket_source_kind_unknown: [['10:37', 'unknown-word', 'Did you mean `register`?']],
  all_words_not_built_yet_at_once: [
    ['9:74', 'not-built-yet', '`gcp`'],
    ['10:37', 'not-built-yet', '`jira`'],
  ],
  duration_without_unit: [['25:14', 'wrong-type', 'with their units']],
  duration_in_words: [['14:36', 'out-of-bounds', 'activation: 1h']],
  duration_zero: [['25:14', 'out-of-bounds', 'at_most: 1h']],
  duration_units_out_of_order: [['25:14', 'out-of-bounds', 'at_most: 1h']],
  duration_negative: [['25:14', 'out-of-bounds', 'at_most: 1h']],
  drill_in_hours: [['28:50', 'out-of-bounds', 'whole days']],
  date_not_in_the_calendar: [['2:33', 'out-of-bounds', 'calendar']],
  date_day_first: [['2:33', 'out-of-bounds', 'year first']],
  publish_needs_one: [['4:47', 'out-of-bounds', 'one person alone']],
  stage_needs_nobody: [['24:19', 'out-of-bounds', 'at least 1']],
  stage_people_quoted: [['24:19', 'wrong-type', 'without quotes']],
  stage_people_half: [['24:19', 'wrong-type', 'whole number']],
  review_empty_list: [['23:13', 'out-of-bounds', 'at least 1 entry']],
  review_misspelt: [['23:13', 'unknown-word', 'Did you mean `not-required`?']],
  name_is_a_number: [['2:3', 'name-not-usable', 'starts with a letter']],
  name_is_not_required: [['12:3', 'name-not-usable', 'is not `not-required`']],
  name_is_proto: [['2:3', 'name-not-usable', '__proto__']],
  name_decomposed: [['2:3', 'name-not-usable', 'cannot be a name']],
  name_with_blank: [['2:3', 'name-not-usable', 'cannot be a name']],
  idp_group_with_blank_at_the_end: [['2:21', 'out-of-bounds', 'canonical']],
  idp_group_decomposed: [['2:21', 'out-of-bounds', 'canonical']],
  idp_group_with_escaped_control: [['2:21', 'out-of-bounds', 'canonical']],
  idp_group_unquoted_number: [['2:21', 'wrong-type', '"4711"']],
  group_with_issuer_but_no_group: [['2:3', 'missing-key', '`group` is missing']],
  doubled_key: [['4:3', 'doubled-key', 'line 2']],
  doubled_key_quoted: [['4:3', 'doubled-key', 'line 2']],
  alias: [
    ['2:14', 'yaml-anchor', 'Anchors'],
    ['3:10', 'yaml-alias', 'Aliases'],
  ],
  merge_key: [['2:16', 'yaml-merge', 'Merge keys']],
  tag_binary: [['2:21', 'yaml-tag', 'Tags']],
  tag_local: [['2:21', 'yaml-tag', 'Tags']],
  directive_yaml_1_1: [['1:1', 'yaml-directive', '1.2']],
  second_document: [['30:1', 'yaml-second-document', 'One document']],
  document_end_mark: [['29:1', 'yaml-second-document', 'One document']],
  bidirectional_override_in_a_comment: [['4:53', 'invisible-character', 'U+202E']],
  zero_width_space_in_a_name: [['3:6', 'invisible-character', 'U+200B']],
  byte_order_mark: [['1:1', 'invisible-character', 'U+FEFF']],
  scope_empty: [['19:12', 'out-of-bounds', 'at least 1 entry']],
  scope_action_with_blank: [['20:21', 'out-of-bounds', 'no blanks']],
  scope_action_escaped_zero_width: [['20:21', 'out-of-bounds', 'invisible']],
  scope_policy_variable: [['20:40', 'out-of-bounds', '`$`']],
  scope_quote: [['20:40', 'out-of-bounds', 'quotes']],
  scope_escaped_control_character: [['20:40', 'out-of-bounds', 'invisible']],
  scope_escaped_zero_width: [['20:40', 'out-of-bounds', 'invisible']],
  scope_access_unknown: [['20:56', 'unknown-word', '`credentials`']],
  scope_without_access: [['20:9', 'missing-key', '`access` is missing']],
  scope_contradicts_itself: [['21:9', 'scope-contradicts-itself', 'can be only one']],
  scope_file_above: [['19:12', 'scope-file-outside', 'beside the policy']],
  scope_file_absolute: [['19:12', 'scope-file-outside', 'beside the policy']],
  scope_file_with_backslash: [['19:12', 'scope-file-outside', 'beside the policy']],
  scope_file_of_another_kind: [['19:12', 'scope-file-outside', '.json or .yaml']],
  scope_file_unreadable: [['19:12', 'scope-file-unreadable', 'cannot be read']],
  target_and_targets: [['18:13', 'one-of-target-and-targets', 'Write one of them']],
  neither_target_nor_targets: [['16:3', 'missing-key', '`target` is missing']],
  role_with_path: [['17:11', 'out-of-bounds', 'letters, digits']],
  many_mistakes_at_once: [
    ['2:21', 'wrong-type', '"1"'],
    ['6:24', 'empty-value', 'text is needed'],
    ['9:36', 'account-is-text', 'quotes'],
    ['12:54', 'unknown-word', '`open`'],
    ['24:19', 'out-of-bounds', 'at least 1'],
    ['25:14', 'wrong-type', 'units'],
  ],
  flow_map_left_open: [['3:1', 'yaml-syntax', 'end with a }']],
  tab_as_indent: [['2:1', 'yaml-syntax', 'Tabs']],
  empty: [['1:1', 'file-empty', 'Nothing']],
  only_a_comment: [['1:1', 'file-empty', 'Nothing']],
  a_list_at_the_top: [['1:1', 'wrong-type', 'a map of keys']],
};

test('every bad policy file is expected here, and every expectation has its file', () => {
  const files = readdirSync(new URL('../vectors/invalid/', import.meta.url)).filter((name) =>
    name.startsWith('policy_'),
  );
  expect(files.toSorted()).toEqual(
    Object.keys(expected)
      .map((name) => `policy_${name}.yaml`)
      .toSorted(),
  );
});

test.each(Object.entries(expected))(
  '%s is refused with line, column and what would be right',
  (name, mistakes) => {
    const path = `policy_${name}.yaml`;
    const parsed = parsePolicyFile({
      text: projectFile(`test/vectors/invalid/${path}`),
      path,
      readScope: noScopeFile,
    });
    expect(parsed.policy).toBeUndefined();
    expect(parsed.mistakes).toEqual(
      mistakes.map(([at, rule, says]) => {
        const [line, column] = at.split(':').map(Number);
        return { at, line, column, path, rule, message: expect.stringContaining(says) };
      }),
    );
  },
);
