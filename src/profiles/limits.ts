/** Largest profile file, in UTF-16 units. */
export const PROFILE_LIMIT = 128 * 1024;
