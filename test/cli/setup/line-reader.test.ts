import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hiddenLine, LineReader } from '../../../src/cli/setup/line-reader.ts';
import { FakeTerminal } from './terminal.ts';

const signal = new AbortController().signal;

describe('LineReader', () => {
  it('gives a line after the other, however they arrive', async () => {
    const terminal = new FakeTerminal();
    const reader = new LineReader(terminal.streams.stdin);
    terminal.type('one\ntwo\r\nth');
    expect(await reader.line(signal)).toBe('one');
    expect(await reader.line(signal)).toBe('two');
    const third = reader.line(signal);
    terminal.type('ree\n');
    expect(await third).toBe('three');
  });

  it('ends with the input, and with the signal', async () => {
    const terminal = new FakeTerminal();
    const reader = new LineReader(terminal.streams.stdin);
    const controller = new AbortController();
    const stopped = reader.line(controller.signal);
    controller.abort();
    expect(await stopped).toBeUndefined();
    const line = reader.line(signal);
    terminal.hangUp();
    expect(await line).toBeUndefined();
    expect(await reader.line(signal)).toBeUndefined();
  });

  it('switches echo off for a password and on again, also when it is given up', async () => {
    const terminal = new FakeTerminal();
    const reader = new LineReader(terminal.streams.stdin);
    const secret = reader.hidden(signal);
    terminal.type('hunter2\r');
    expect(await secret).toBe('hunter2');
    expect(terminal.raw).toEqual([true, false]);
    const stopped = reader.hidden(signal);
    terminal.type('hun\u0003');
    expect(await stopped).toBeUndefined();
    expect(terminal.raw).toEqual([true, false, true, false]);
  });

  it('takes nothing as a password that was typed before it was asked for', async () => {
    const terminal = new FakeTerminal();
    const reader = new LineReader(terminal.streams.stdin);
    terminal.type('yes\nhunter1\n');
    expect(await reader.line(signal)).toBe('yes');
    const secret = reader.hidden(signal);
    terminal.type('hunter2\r');
    expect(await secret).toBe('hunter2');
  });
});

describe('hiddenLine', () => {
  it.each([
    ['ab\u007fc\r', 'ac'],
    ['ab\u0015c\r', 'c'],
    ['p\u0000\u001b[Aä\r', 'p[Aä'],
    ['\r', ''],
  ])('edits %j', (keys, value) => {
    expect(hiddenLine(keys)).toEqual({ value, rest: '' });
  });

  it('stops by Ctrl-C, and by Ctrl-D at the start', () => {
    expect(hiddenLine('ab\u0003')).toEqual({ value: undefined, rest: '' });
    expect(hiddenLine('\u0004')).toEqual({ value: undefined, rest: '' });
    expect(hiddenLine('a\u0004b\r')?.value).toBe('ab');
    expect(hiddenLine('not yet')).toBeUndefined();
  });

  it('gives printable text as it was typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (typed, after) => {
        const text = typed.replace(/\p{Cc}/gu, '');
        expect(hiddenLine(`${text}\r${after}`)).toEqual({ value: text, rest: after });
      }),
    );
  });
});
