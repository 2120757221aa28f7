import { fromUtf8 } from '../log/bytes.ts';
import { canonicalize } from '../log/canonical-json.ts';
import type { JudgedEntry } from './audited-entry.ts';
import { digestOfBytes } from './digest-of.ts';
import type { Hearing } from './hearing.ts';
import { policyShape } from './policy-shape.ts';

/** Bytes of an attachment by `sha256:<hex>`; undefined: it did not come along. */
export type AttachmentSource = (digest: string) => Promise<Uint8Array | undefined>;

type Proposed = JudgedEntry<'countersign.policy.proposed.v1'>;

/** Fetches what a proposal refers to, and keeps the policy if it is one. */
export async function takeAttachments(
  proposed: Proposed,
  source: AttachmentSource,
  hearing: Hearing,
): Promise<void> {
  const { text_digest, text_bytes, to_digest, canonical_bytes } = proposed.data;
  await checked(proposed, { digest: text_digest, length: text_bytes }, source, hearing);
  const bytes = await checked(proposed, { digest: to_digest, length: canonical_bytes }, source, hearing);
  const policy = bytes && policyIn(bytes);
  if (policy !== undefined) hearing.state.attachedPolicies.set(to_digest, policy);
  else if (bytes !== undefined) {
    hearing.findings.fault(
      proposed.seq,
      'attachment-is-a-policy',
      `${to_digest} is no policy in canonical form`,
    );
  }
}

async function checked(
  { seq }: Proposed,
  expected: { readonly digest: string; readonly length: number },
  source: AttachmentSource,
  { findings, hasher }: Hearing,
): Promise<Uint8Array | undefined> {
  const bytes = await source(expected.digest);
  if (bytes === undefined) {
    findings.notCheckable(seq, `the attachment ${expected.digest} is missing`);
    return undefined;
  }
  if (bytes.length === expected.length && digestOfBytes(hasher, bytes) === expected.digest) return bytes;
  findings.fault(seq, 'attachment-has-its-digest', `the attachment ${expected.digest} has other bytes`);
  return undefined;
}

function policyIn(bytes: Uint8Array) {
  try {
    const text = fromUtf8(bytes);
    const value = JSON.parse(text);
    return canonicalize(value) === text ? policyShape.safeParse(value).data : undefined;
  } catch {
    return undefined;
  }
}
