import type { CatalogItem } from '../../src/app/views/catalog.ts';
import type { UsualWait } from '../../src/app/views/usual-wait.ts';
import { AccessBadge } from '../parts/badge.tsx';
import { ChoiceField, CodeField, type Filled, LongTextField, PostForm, TextField } from '../parts/forms.tsx';
import { Prose } from '../parts/prose.tsx';
import { strongestOf } from '../parts/request-sentence.tsx';
import { PasskeyNotes } from '../parts/show-factor.tsx';
import { sayLength, sayList } from '../said.ts';
import { text } from '../text.ts';
import { type Frame, PageFrame } from './frame.tsx';

/** What is about to be asked, said back. */
export interface SaidBack {
  readonly seconds: number;
  readonly targets: readonly string[];
  readonly isEmergency: boolean;
  readonly usual: UsualWait | undefined;
}

export interface AskShown {
  readonly frame: Frame;
  readonly items: readonly CatalogItem[];
  /** The one that is chosen. */
  readonly chosen: CatalogItem | undefined;
  readonly filled: Filled;
  readonly ticked: { readonly scope: readonly string[] | null; readonly targets: readonly string[] | null };
  readonly saidBack: SaidBack | null;
  /** Why the ask that was just sent was refused. */
  readonly failed: { readonly message: string; readonly mend: string | undefined } | null;
  /** Of this form: a second tap finds the first one's answer. */
  readonly once: string;
}

/** Paste a ticket, choose, say why; the page says back what will be asked, and of whom, before it is sent. */
export const AskPage = (shown: AskShown) => {
  const { frame, items, chosen, filled, saidBack, failed } = shown;
  const mistakes = Object.values(filled.mistakes);
  return (
    <PageFrame
      frame={frame}
      title={text.ask.title}
      place="ask"
      islands={saidBack !== null && chosen?.factors.request === 'passkey' ? ['passkey'] : []}
    >
      <h1>{text.ask.title}</h1>
      <p>{text.ask.lead}</p>
      {failed === null ? null : (
        <div class="warning" role="alert">
          <p>
            <strong>{failed.message}</strong>
          </p>
          {failed.mend === undefined ? null : (
            <p>
              <Prose text={failed.mend} />
            </p>
          )}
        </div>
      )}
      {mistakes.length === 0 ? null : (
        <p class="warning" role="alert">
          {text.ask.mistakes}
        </p>
      )}
      {items.some(({ eligible }) => eligible) ? (
        <div class="columns">
          <PostForm frame={frame} action="/ask" class="card" id="ask">
            <input type="hidden" name="once" value={shown.once} />
            <Fields {...shown} />
            {saidBack === null || chosen === undefined ? null : (
              <SaidBackCard shown={shown} chosen={chosen} saidBack={saidBack} />
            )}
            <div class="actions">
              {saidBack === null ? null : <SendButton usesPasskey={chosen?.factors.request === 'passkey'} />}
              <button
                type="submit"
                name="step"
                value="check"
                formnovalidate
                class={saidBack === null ? 'main' : ''}
              >
                {text.ask.check}
              </button>
            </div>
          </PostForm>
          <NotYours items={items} />
        </div>
      ) : (
        <>
          <p class="warning">{text.ask.entitlementNone}</p>
          <NotYours items={items} />
        </>
      )}
    </PageFrame>
  );
};

const Fields = (shown: AskShown) => {
  const { items, chosen, filled } = shown;
  const mine = items.filter(({ eligible }) => eligible);
  return (
    <>
      <div class="grid">
        <TextField
          name="ticket"
          label={text.ask.ticket}
          help={ticketHelp(chosen)}
          filled={filled}
          most={300}
        />
        <ChoiceField
          name="entitlement"
          label={text.ask.entitlement}
          filled={filled}
          empty={text.ask.choose}
          options={mine.map(({ entitlement, targets }) => {
            return { value: entitlement, label: `${entitlement} · ${sayList(targets)}` };
          })}
        />
      </div>
      <TextField
        name="duration"
        label={text.ask.duration}
        help={text.ask.durationHelp(sayLength(chosen?.at_most_seconds ?? MOST_SECONDS))}
        filled={filled}
        most={10}
      />
      <LongTextField
        name="justification"
        label={text.ask.justification}
        help={text.ask.justificationHelp}
        filled={filled}
        most={2000}
        rows={3}
      />
      {chosen === undefined ? null : <Parameters chosen={chosen} filled={filled} />}
      <More {...shown} />
      <input type="hidden" name="shown_for" value={chosen?.entitlement ?? ''} />
    </>
  );
};

/** Of anything that can be asked for. */
const MOST_SECONDS = 43_200;

const ticketHelp = (chosen: CatalogItem | undefined): string =>
  chosen?.ticket == null
    ? text.ask.ticketHelp
    : `${text.ask.ticketHelp} ${text.ask.ticketNeeded(chosen.ticket.project, chosen.ticket.state)}`;

/** What most people leave as it is. */
const More = ({ chosen, filled, ticked }: AskShown) => (
  <details {...(isMoreUsed(filled, ticked) ? { open: true } : {})}>
    <summary>{text.ask.more}</summary>
    <LongTextField
      name="people"
      label={text.ask.people}
      help={text.ask.peopleHelp}
      filled={filled}
      most={700}
      rows={2}
    />
    {chosen === undefined ? null : <OfTheChosen chosen={chosen} filled={filled} ticked={ticked} />}
  </details>
);

const keyOf = ({ action, resource }: CatalogItem['scope'][number]): string => `${action} ${resource}`;

const OfTheChosen = ({
  chosen,
  filled,
  ticked,
}: Pick<AskShown, 'filled' | 'ticked'> & { readonly chosen: CatalogItem }) => (
  <>
    {chosen.targets.length < 2 ? null : (
      <Ticks
        name="target"
        legend={text.ask.targets}
        all={chosen.targets.map((target) => ({ value: target, label: target }))}
        ticked={ticked.targets ?? chosen.targets}
        mistake={filled.mistakes['target']}
      />
    )}
    {chosen.schedule_at_most_seconds === null ? null : (
      <TextField
        name="starts_at"
        label={text.ask.start}
        help={text.ask.startHelp}
        filled={filled}
        most={30}
      />
    )}
    <Ticks
      name="scope"
      legend={text.ask.scope}
      help={text.ask.scopeHelp}
      all={chosen.scope.map((item) => {
        return { value: keyOf(item), label: `${item.action} · ${item.resource}`, access: item.access };
      })}
      ticked={ticked.scope ?? chosen.scope.map(keyOf)}
      mistake={filled.mistakes['scope']}
    />
    {chosen.break_glass === null ? null : (
      <label class="tick">
        <input
          type="checkbox"
          name="break_glass"
          value="true"
          {...(filled.values['break_glass'] === 'true' ? { checked: true } : {})}
        />
        <span>
          {text.ask.emergency}{' '}
          <span class="help">{text.ask.emergencyHelp(sayLength(chosen.break_glass.at_most_seconds))}</span>
        </span>
      </label>
    )}
  </>
);

function isMoreUsed({ values, mistakes }: Filled, ticked: AskShown['ticked']): boolean {
  const names = ['people', 'target', 'starts_at', 'scope', 'break_glass'];
  const isTyped = ['people', 'starts_at', 'break_glass'].some((name) => (values[name] ?? '') !== '');
  return isTyped || names.some((name) => mistakes[name] !== undefined) || ticked.scope !== null;
}

const Parameters = ({ chosen, filled }: { readonly chosen: CatalogItem; readonly filled: Filled }) => (
  <>
    {Object.entries(chosen.parameters).map(([name, { pattern, says }]) => (
      <TextField
        name={`parameter.${name}`}
        label={name}
        help={[says, pattern].filter((part) => part !== null).join(' · ')}
        filled={filled}
        most={128}
      />
    ))}
  </>
);

const Ticks = (shown: {
  readonly name: string;
  readonly legend: string;
  readonly help?: string;
  readonly all: readonly {
    readonly value: string;
    readonly label: string;
    readonly access?: CatalogItem['scope'][number]['access'];
  }[];
  readonly ticked: readonly string[];
  readonly mistake: string | undefined;
}) => (
  <fieldset>
    <legend>{shown.legend}</legend>
    {shown.help === undefined ? null : <p class="help">{shown.help}</p>}
    {shown.mistake === undefined ? null : <p class="mistake">{shown.mistake}</p>}
    {shown.all.map(({ value, label, access }) => (
      <label class="tick">
        <input
          type="checkbox"
          name={shown.name}
          value={value}
          {...(shown.ticked.includes(value) ? { checked: true } : {})}
        />
        <span>
          {label} {access === undefined ? null : <AccessBadge access={access} />}
        </span>
      </label>
    ))}
  </fieldset>
);

const SaidBackCard = (given: {
  readonly shown: AskShown;
  readonly chosen: CatalogItem;
  readonly saidBack: SaidBack;
}) => {
  const { shown, chosen, saidBack } = given;
  const { usual } = saidBack;
  return (
    <section class="notice" aria-labelledby="said-back" role="status">
      <h2 id="said-back">{text.ask.saysBack}</h2>
      <p>
        <strong>
          {text.ask.sentence(
            shown.frame.visitor?.name ?? '',
            `${text.access[strongestOf(chosen.scope)].noun} (${chosen.entitlement})`,
            sayList(saidBack.targets),
            sayLength(saidBack.seconds),
          )}
        </strong>{' '}
        {ofWhom(chosen, saidBack)}
      </p>
      {usual === undefined || saidBack.isEmergency || chosen.review === null ? null : (
        <p>{text.ask.usually(sayLength(usual.seconds), usual.decisions)}</p>
      )}
      {chosen.factors.request === 'totp' ? (
        <CodeField name="totp" label={text.ask.code} help={text.ask.codeHelp} filled={shown.filled} />
      ) : null}
      {chosen.factors.request === 'passkey' ? <PasskeyNotes /> : null}
    </section>
  );
};

/** A passkey signs what is asked; what it signed goes along in the form. */
const SendButton = ({ usesPasskey }: { readonly usesPasskey: boolean }) => (
  <button
    type="submit"
    name="step"
    value="send"
    class="main"
    data-passkey-ask={usesPasskey ? '/ask' : undefined}
    disabled={usesPasskey}
  >
    {text.ask.send}
  </button>
);

function ofWhom({ review }: CatalogItem, { isEmergency }: SaidBack): string {
  if (isEmergency) return text.ask.ofEmergency;
  if (review === null) return text.ask.ofNobody;
  return text.ask.of(
    review.map(({ people, from }) => text.ask.stage(people, from)).join(text.ask.stageAfterStage),
  );
}

/** What one may not ask for stays visible, with the reason. */
const NotYours = ({ items }: { readonly items: readonly CatalogItem[] }) => {
  const others = items.filter(({ eligible }) => !eligible);
  if (others.length === 0) return null;
  return (
    <section class="card" aria-labelledby="not-yours">
      <h2 id="not-yours">{text.ask.notEligible}</h2>
      <ul class="rows">
        {others.map(({ entitlement, targets, because }) => (
          <li>
            <span>
              {entitlement} · {sayList(targets)}
            </span>
            <span class="quiet">{because}</span>
          </li>
        ))}
      </ul>
    </section>
  );
};
