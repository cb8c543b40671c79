/** The JSON schema of a profile, for editors: generated, and held against the file by a test. */
import * as z from 'zod/mini';
import { Profile } from '../model/profile.ts';

/** What `profiles/schema.json` holds. */
export function generateSchema(): object {
  return { title: 'hotdesk profile', ...z.toJSONSchema(Profile, { target: 'draft-7', io: 'input' }) };
}
