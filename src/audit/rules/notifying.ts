import { type Checks, nothing, trial } from '../hearing.ts';

type Sent = 'countersign.notification.sent.v1';

const checks: Checks<Sent, object> = {
  'notification-is-of-an-earlier-entry': ({ seq, data }) => {
    if (data.about >= seq) return `entry #${data.about} came later`;
    if (data.delivered && data.attempts === 0) return 'it was delivered without being sent';
    return data.delivered === (data.failure === null)
      ? undefined
      : `it was ${data.delivered ? '' : 'not '}delivered, and ${data.failure === null ? 'nothing' : 'something'} failed`;
  },
};

/** That it arrived, and with whom, only the broker attests. */
export const judgeNotified = trial<Sent, object>({
  subjectOf: nothing,
  checks,
  remember: () => {},
});
