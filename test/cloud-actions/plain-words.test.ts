import { expect, test } from 'vitest';
import { sayAwsActions } from '../../src/cloud-actions/aws/plain-words.ts';

test('an action is told in AWS’s own words, without the four that each begins with', async () => {
  const said = await sayAwsActions(['rds:FailoverDBCluster']);
  expect(said.get('rds:FailoverDBCluster')).toEqual({ says: 'force a failover for a DB cluster', count: 1 });
});

test('a pattern is told by its first few actions, with how many there are', async () => {
  const pattern = (await sayAwsActions(['rds:describedbcluster*'])).get('rds:describedbcluster*');
  expect(pattern?.count).toBeGreaterThan(3);
  expect(pattern?.says.split('; ')).toHaveLength(4);
  expect(pattern?.says.endsWith('; …')).toBe(true);
});

test.each(['orders.read', 'rds:NoSuchAction', 'nosuchservice:Do', 'rds:(a+)+$'])(
  '%s has no words',
  async (action) => {
    expect((await sayAwsActions([action])).size).toBe(0);
  },
);
