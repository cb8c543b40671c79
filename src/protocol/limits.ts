/** Longest line either side of the agent API accepts, in bytes. */
export const MESSAGE_LIMIT = 8 * 1024 * 1024;
