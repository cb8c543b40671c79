import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Greeting, ServerBusy } from '../../src/ssh/greeting.ts';

function greeting(...chunks: (string | Buffer)[]): Greeting {
  const all = new Greeting();
  for (const chunk of chunks) all.push(Buffer.from(chunk));
  return all;
}

describe('a server that speaks SSH', () => {
  test.each([
    ['SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n', 'OpenSSH_9.2p1'],
    ['Welcome.\r\nNo entry.\r\nSSH-2.0-dropbear_2022.83\r\n', 'dropbear_2022.83'],
    ['SSH-1.99-Cisco-1.25\n', 'Cisco-1.25'],
    ['SSH-2.0-\r\n', ''],
  ])('%j', (text, software) => {
    const whole = greeting(text);
    expect(whole.isSsh).toBe(true);
    expect(whole.software).toBe(software);
    expect(whole.failure('alpha')).toBeUndefined();
    expect(greeting(...text).software).toBe(software);
  });

  test('what comes after its name is not kept', () => {
    const name = greeting('SSH-2.0-a\r\n');
    name.push(Buffer.from('\nSSH-2.0-b\r\n'));
    expect(name.software).toBe('a');
  });
});

describe('a server that is busy', () => {
  test.each(['Exceeded MaxStartups\r\n', 'Not allowed at this time\r\n'])('says so: %j', (text) => {
    const failure = greeting(text).failure('alpha');
    expect(failure).toBeInstanceOf(ServerBusy);
    expect(failure).toMatchObject({ code: 'connection-refused', said: true });
    expect(failure?.message).toContain(text.trim());
  });

  test('or says nothing, which may mean other things too', () => {
    expect(greeting().failure('alpha')).toMatchObject({ code: 'connection-refused', said: false });
  });
});

describe('what is no SSH server', () => {
  test('is quoted where that is text', () => {
    expect(greeting('HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n').failure('alpha')).toMatchObject({
      code: 'protocol-error',
      message: expect.stringContaining('it says: HTTP/1.1 400 Bad Request.'),
      hint: expect.stringContaining('ssh -G alpha'),
    });
  });

  test.each([Buffer.from([0x16, 3, 1, 2, 0]), 'ab\u001b[2Jc\n'])('and not where it is none', (bytes) => {
    const message = greeting(bytes).failure('alpha')?.message;
    expect(message).toBe('What answers at the SSH port of alpha is no SSH server.');
  });

  test('whatever comes, and however it is cut, one line of plain text comes of it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6000 }), fc.integer({ min: 1, max: 700 }), (bytes, size) => {
        const whole = greeting(Buffer.from(bytes));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          Buffer.from(bytes.subarray(i * size, (i + 1) * size)),
        );
        const message = whole.failure('alpha')?.message ?? '';
        expect(message).not.toMatch(/\p{Cc}/u);
        expect(message.length).toBeLessThan(300);
        expect(greeting(...chunks).failure('alpha')?.message ?? '').toBe(message);
      }),
    );
  });
});
