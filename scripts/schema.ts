// npm run schema: writes profiles/schema.json, which editors use to complete and check profiles.
import { generateSchema } from '../src/profiles/schema.ts';
import { writeOrCheck } from './lib/generated.ts';

writeOrCheck('profiles/schema.json', `${JSON.stringify(generateSchema(), null, 2)}\n`, 'npm run schema');
