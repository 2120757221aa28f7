import { expect, test } from 'vitest';
import { explainSession } from '../../src/audit/explain.ts';
import { buildLog } from './build-log.ts';
import type { Written } from './write-log.ts';

function told() {
  const written: Written[] = [];
  const story = buildLog((one) => written.push(one));
  story.begin();
  const request = story.submit(story.people.maya, 'operator');
  story.review(story.people.tomas, request, { seconds: 900 });
  const session = story.open(request);
  story.opened(request, session);
  const entries = written
    .map(({ entry }) => entry)
    .filter(({ stream }) => stream === `request/${request.id}`);
  return { story, request, session, entries };
}

test('a session is explained by who asked, who approved what, and each entry that says so', () => {
  const { story, request, session, entries } = told();
  const text = explainSession(entries, session.id) ?? '';
  expect(text).toContain(`${story.people.maya.id} asked for operator on orders-prod for 1800 s`);
  expect(text).toContain('Its ticket in register INC was open, with the requester as responder');
  expect(text).toContain(`${story.people.tomas.id}, in leads, engineers, approved 2 permissions for 900 s`);
  expect(text).toContain(`the grant ${request.grants[0]?.id}`);
  expect(text.match(/\(#\d+\)/g)).toHaveLength(6);
});

test('a session of another request is not explained', () => {
  expect(explainSession(told().entries, 's-another')).toBeUndefined();
});
