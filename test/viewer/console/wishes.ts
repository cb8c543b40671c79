import type { ConsoleWishes } from '../../../src/viewer/console/console-file.ts';

/** As a file says, and nothing that could do harm. */
export const NONE: ConsoleWishes = {
  ...{
    fullscreen: 'file',
    clipboard: 'file',
    sound: 'file',
    scaling: 'file',
    geometry: 'file',
    depth: 'file',
  },
  ...{ programs: false, microphone: false, printers: false, smartcard: false, usb: false },
};
