/** What a terminal may obey or hide: controls, escapes, bidi and invisible characters. */
export const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

/** Colours, which only hotdesk itself may write. */
export const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;:]*m`, 'gu');
