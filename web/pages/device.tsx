import { type Filled, PostForm, TextField } from '../parts/forms.tsx';
import { Moment } from '../parts/moment.tsx';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

/** Where somebody types the code that a machine without a browser shows. */
export const DeviceCodePage = ({ frame, filled }: { readonly frame: Frame; readonly filled: Filled }) => (
  <PageFrame frame={frame} title={text.device.title}>
    <form method="get" action="/device" class="card narrow">
      <h1>{text.device.title}</h1>
      <TextField
        name="code"
        label={text.device.code}
        filled={filled}
        most={20}
        class="code long"
        capitals
        required
      />
      <button type="submit" class="main">
        {text.device.next}
      </button>
    </form>
  </PageFrame>
);

/** What a machine told of itself. */
export interface DeviceShown {
  readonly userCode: string;
  /** The words that its terminal shows too. */
  readonly phrase: string;
  /** ISO 8601. */
  readonly askedAt: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** The words are compared before anything is let in. */
export const ConfirmDevicePage = ({
  frame,
  device,
}: {
  readonly frame: Frame;
  readonly device: DeviceShown;
}) => (
  <PageFrame frame={frame} title={text.device.confirmTitle}>
    <PostForm frame={frame} action="/device" class="card narrow">
      <h1>{text.device.confirmTitle}</h1>
      <p>{text.device.sameWords}</p>
      <p class="what">
        <strong>{device.phrase}</strong>
      </p>
      <dl class="facts">
        <div>
          <dt>{text.device.askedAt}</dt>
          <dd>
            <Moment at={device.askedAt} nowMs={frame.nowMs} />
          </dd>
        </div>
        {device.address === null ? null : (
          <div>
            <dt>{text.device.from}</dt>
            <dd>{device.address}</dd>
          </div>
        )}
        {device.userAgent === null ? null : (
          <div>
            <dt>{text.device.calls}</dt>
            <dd>{device.userAgent}</dd>
          </div>
        )}
      </dl>
      <p>{text.device.mayOnlyAsk}</p>
      <p class="quiet">{text.device.notMine}</p>
      <input type="hidden" name="code" value={device.userCode} />
      <button type="submit" class="main">
        {text.device.mine}
      </button>
    </PostForm>
  </PageFrame>
);

/** A link, for a form's answer may not lead to another site. */
export const DeviceOnwardPage = (shown: {
  readonly frame: Frame;
  readonly issuer: string;
  readonly href: string;
}) => (
  <PageFrame frame={shown.frame} title={text.device.onwardTitle}>
    <section class="card narrow">
      <h1>{text.device.onwardTitle}</h1>
      <p>{text.device.onward(shown.issuer)}</p>
      <p>
        <a href={shown.href} class="button main">
          {text.device.signIn}
        </a>
      </p>
    </section>
  </PageFrame>
);

export const DeviceDonePage = ({ frame }: { readonly frame: Frame }) => (
  <PageFrame frame={frame} title={text.device.doneTitle}>
    <section class="card narrow" role="status">
      <h1>{text.device.doneTitle}</h1>
      <p>{text.device.done}</p>
    </section>
  </PageFrame>
);
