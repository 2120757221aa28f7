import type { Message } from '../../src/app/notifier.ts';

export const message: Message = {
  id: 'n-00112233445566778899aabbccddeeff',
  occasion: 'break-glass-used',
  atMs: Date.UTC(2026, 4, 4, 3, 12),
  audience: 'zone-owners',
  group: 'leads',
  person: null,
  facts: { log: 'log.example.com', entry: 41, request: 'r-01', targets: ['shop-prod'], link: null },
  subject: '[countersign] BREAK-GLASS: repair on shop-prod (r-01)',
  text: 'Somebody broke the glass.\n\nLook at it:  countersign show r-01',
};

export const never = new AbortController().signal;
