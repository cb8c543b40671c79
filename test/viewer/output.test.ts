import { expect, test } from 'vitest';
import { OutputTail } from '../../src/viewer/output.ts';

test('lines are heard whole, however they arrive, and those before the listener too', () => {
  const output = new OutputTail();
  const heard: string[] = [];
  output.push(Buffer.from('one\ntw'));
  output.onLine((line) => heard.push(line));
  output.push(Buffer.from('o\r\n\nthree'));
  expect(heard).toEqual(['one', 'two']);
  expect(output.lastWords()).toBe('one two three');
});

test('memory is bounded and last words are safe', () => {
  const output = new OutputTail();
  for (let n = 0; n < 1000; n += 1) output.push(Buffer.from(`${'x'.repeat(10_000)}\n`));
  output.push(Buffer.from('\u001b[31mend.\n'));
  expect(output.lastWords().length).toBeLessThanOrEqual(500);
  expect(new OutputTail().lastWords()).toBe('it said nothing');
});

test('keys that were typed are not kept, nor told', () => {
  const output = new OutputTail();
  const heard: string[] = [];
  output.onLine((line) => heard.push(line));
  const key =
    "(remote-viewer:1): virt-viewer-DEBUG: 15:44:18.877: Key pressed was keycode='0x73', gdk_keyname='s'";
  output.push(Buffer.from(`it opens\n${key}\n${key}\n${key}`));
  expect(heard).toEqual(['it opens']);
  expect(output.lastWords()).toBe('it opens');
});
