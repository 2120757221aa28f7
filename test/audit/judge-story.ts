import { auditConformance, type Conformance } from '../../src/audit/conformance.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { verifySignature } from '../../src/platform/verify-signature.ts';
import { buildLog, type Story } from './build-log.ts';
import type { Written } from './write-log.ts';

/** Tells a story and has its log judged. `begun` false: the story begins the log itself. */
export async function judgeStory(
  tell: (story: Story) => void,
  how: { readonly begun?: boolean; readonly edit?: (written: Written[], story: Story) => Written[] } = {},
): Promise<Conformance> {
  const written: Written[] = [];
  const story = buildLog((entry) => written.push(entry));
  if (how.begun ?? true) story.begin();
  tell(story);
  const entries = (how.edit ?? ((all) => all))(written, story).map(({ entry }) => entry);
  const { attachments, origin } = story;
  return auditConformance({
    verifySignature,
    hasher: nodeHasher,
    origin,
    entries,
    attachment: async (digest) => attachments.get(digest),
  });
}
