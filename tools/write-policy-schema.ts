import { policyJsonSchemaText } from '../src/policy-file/json-schema.ts';
import { caseJsonSchemaText } from '../src/rehearsal/json-schema.ts';

// Prints countersign.schema.json, or with `test` countersign.test.schema.json, which are committed so that editors find
// them; a test fails when one is out of date.
process.stdout.write(process.argv[2] === 'test' ? caseJsonSchemaText() : policyJsonSchemaText());
