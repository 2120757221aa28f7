import { policyJsonSchemaText } from '../src/policy-file/json-schema.ts';

// Prints countersign.schema.json, which is committed so that editors find it; a test fails when it is out of
// date.
process.stdout.write(policyJsonSchemaText());
