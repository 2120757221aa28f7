import { auditDocument } from './audit-document.ts';

process.stdout.write(auditDocument());
