import type { Access } from '../../src/domain/policy/policy.ts';
import type { RequestStatus } from '../../src/domain/request/status.ts';
import { text } from '../text.ts';

/** A word with its sign: never a colour alone. */
export const StatusBadge = ({ status }: { readonly status: RequestStatus }) => (
  <span class={`badge status-${status}`}>
    <span aria-hidden="true">{text.status[status].glyph}</span> {text.status[status].word}
  </span>
);

export const AccessBadge = ({ access }: { readonly access: Access }) => (
  <span class={`badge access-${access}`}>
    <span aria-hidden="true">{text.access[access].glyph}</span> {text.access[access].word}
  </span>
);
