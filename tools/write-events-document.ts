import { eventsDocument } from './events-document.ts';

// Prints docs/events.md, which is committed so that it can be read; a test fails when it is out of date.
process.stdout.write(eventsDocument());
