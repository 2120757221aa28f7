import {
  ConfirmDevicePage,
  DeviceCodePage,
  DeviceDonePage,
  DeviceOnwardPage,
} from '../../../web/pages/device.tsx';
import { nothingFilled } from '../../../web/parts/forms.tsx';
import { confirmDevice, deviceAskFor } from '../../app/person/device-asks.ts';
import { iso } from '../../app/views/time.ts';
import { Failure, sentence } from '../../domain/errors.ts';
import { humanOf } from '../caller.ts';
import { limitByPerson } from '../middleware/rate-limit.ts';
import { visitor } from '../middleware/visitor.ts';
import { answerPage, frameOf, type PageKit, sentForm, strangersFrame } from '../page-kit.tsx';
import { defaultLimits, type HttpParts } from '../parts.ts';
import { routes } from '../route.ts';

/** Where somebody lets in a machine without a browser. Works without a script. */
export function devicePages(kit: PageKit, parts: Pick<HttpParts, 'browserIdleMs' | 'limits'>) {
  const { broker } = kit;
  const app = routes();
  // Whoever guesses codes guesses as somebody.
  const { calls } = { ...defaultLimits, ...parts.limits };
  app.use('/device', visitor(broker, parts), limitByPerson(calls, broker.clock));

  app.get('/device', async (c) => {
    const typed = c.req.query('code') ?? '';
    const frame = await frameOf(kit, c);
    if (typed === '') return answerPage(c, <DeviceCodePage frame={frame} filled={nothingFilled} />);
    try {
      const { askedAtMs, ...asked } = await deviceAskFor(broker, typed);
      const device = { ...asked, askedAt: iso(askedAtMs) };
      return answerPage(c, <ConfirmDevicePage frame={frame} device={device} />);
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'not-found')) throw error;
      const filled = { values: { code: typed.slice(0, 20) }, mistakes: { code: sentence(error.message) } };
      return answerPage(c, <DeviceCodePage frame={frame} filled={filled} />, 404);
    }
  });

  app.post('/device', async (c) => {
    const { actor } = humanOf(c);
    const asked = await confirmDevice(broker, actor.person, (await sentForm(c)).text('code'));
    const shown = { issuer: actor.issuer, href: `/sign-in/device/${actor.issuer}/${asked.userCode}` };
    return answerPage(c, <DeviceOnwardPage frame={await frameOf(kit, c)} {...shown} />);
  });

  app.get('/device/done', (c) => answerPage(c, <DeviceDonePage frame={strangersFrame(kit)} />));
  return app;
}
