/** Version of the agent API. A change that an older peer would misread raises it. */
export const API_VERSION = 1;
/** Version of hotdesk itself; a test holds it against package.json. */
export const HOTDESK_VERSION = '0.1.0';
/** Version of the `--json` output. */
export const JSON_VERSION = 1;
