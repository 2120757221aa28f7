import type { Child } from 'hono/jsx';
import type { Frame } from '../pages/frame.tsx';

/** What was typed, and what is wrong with it, by field. */
export interface Filled {
  readonly values: Readonly<Record<string, string>>;
  readonly mistakes: Readonly<Record<string, string>>;
}

export const nothingFilled: Filled = { values: {}, mistakes: {} };

/** A form that this visitor sends, and nobody else's page in their name. */
export const PostForm = (shown: {
  readonly frame: Frame;
  readonly action: string;
  readonly class?: string;
  readonly id?: string;
  /** Files go along with it. */
  readonly uploads?: boolean;
  readonly children: Child;
}) => (
  <form
    method="post"
    action={shown.action}
    class={shown.class ?? ''}
    {...(shown.uploads === true ? { enctype: 'multipart/form-data' } : {})}
    {...(shown.id === undefined ? {} : { id: shown.id })}
  >
    <input type="hidden" name="form_token" value={shown.frame.visitor?.formToken ?? ''} />
    {shown.children}
  </form>
);

interface FieldShown {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly filled: Filled;
  /** Where several forms of one page have a field of this name. */
  readonly idPrefix?: string;
}

const idOf = ({ name, idPrefix = '' }: FieldShown): string => `${idPrefix}${name}`;

/** What a reader is told of a field beside its label: the mistake first. */
const describedBy = (shown: FieldShown): Record<string, string> => {
  const id = idOf(shown);
  const isWrong = shown.filled.mistakes[shown.name] !== undefined;
  const by = [isWrong ? `${id}-mistake` : '', shown.help === undefined ? '' : `${id}-help`];
  const ids = by.filter((one) => one !== '').join(' ');
  return {
    ...(ids === '' ? {} : { 'aria-describedby': ids }),
    ...(isWrong ? { 'aria-invalid': 'true' } : {}),
  };
};

const Around = ({ shown, children }: { readonly shown: FieldShown; readonly children: Child }) => {
  const id = idOf(shown);
  const mistake = shown.filled.mistakes[shown.name];
  return (
    <div class={mistake === undefined ? 'field' : 'field wrong'}>
      <label for={id}>{shown.label}</label>
      {children}
      {mistake === undefined ? null : (
        <p class="mistake" id={`${id}-mistake`}>
          <span aria-hidden="true">✕</span> {mistake}
        </p>
      )}
      {shown.help === undefined ? null : (
        <p class="help" id={`${id}-help`}>
          {shown.help}
        </p>
      )}
    </div>
  );
};

export const TextField = (
  shown: FieldShown & {
    readonly most: number;
    readonly required?: boolean;
    readonly autocomplete?: string;
    readonly list?: string;
    readonly class?: string;
    /** A code of capital letters, which no dictionary has. */
    readonly capitals?: boolean;
  },
) => (
  <Around shown={shown}>
    <input
      id={idOf(shown)}
      name={shown.name}
      type="text"
      maxlength={shown.most}
      value={shown.filled.values[shown.name] ?? ''}
      autocomplete={shown.autocomplete ?? 'off'}
      class={shown.class ?? ''}
      {...(shown.required === true ? { required: true } : {})}
      {...(shown.list === undefined ? {} : { list: shown.list })}
      {...(shown.capitals === true ? { autocapitalize: 'characters', spellcheck: false } : {})}
      {...describedBy(shown)}
    />
  </Around>
);

/** Six digits; a code is never filled in again, it is used up or wrong. */
export const CodeField = (shown: FieldShown) => (
  <Around shown={shown}>
    <input
      id={idOf(shown)}
      name={shown.name}
      type="text"
      inputmode="numeric"
      pattern="[0-9]{6}"
      maxlength={6}
      required
      autocomplete="one-time-code"
      class="code"
      {...describedBy(shown)}
    />
  </Around>
);

/** Some of the visitor's own files. */
export const FilesField = (shown: FieldShown & { readonly accept: string }) => (
  <Around shown={shown}>
    <input
      id={idOf(shown)}
      name={shown.name}
      type="file"
      multiple
      accept={shown.accept}
      {...describedBy(shown)}
    />
  </Around>
);

export const LongTextField = (
  shown: FieldShown & { readonly most: number; readonly rows: number; readonly required?: boolean },
) => (
  <Around shown={shown}>
    <textarea
      id={idOf(shown)}
      name={shown.name}
      rows={shown.rows}
      maxlength={shown.most}
      {...(shown.required === true ? { required: true } : {})}
      {...describedBy(shown)}
    >
      {shown.filled.values[shown.name] ?? ''}
    </textarea>
  </Around>
);

export const ChoiceField = (
  shown: FieldShown & {
    readonly options: readonly { readonly value: string; readonly label: string }[];
    readonly empty?: string;
  },
) => {
  const chosen = shown.filled.values[shown.name];
  return (
    <Around shown={shown}>
      <select id={idOf(shown)} name={shown.name} {...describedBy(shown)}>
        {shown.empty === undefined ? null : <option value="">{shown.empty}</option>}
        {shown.options.map(({ value, label }) => (
          <option value={value} {...(value === chosen ? { selected: true } : {})}>
            {label}
          </option>
        ))}
      </select>
    </Around>
  );
};
