import { expect, it } from 'vitest';
import { parseOption } from '../../src/model/given-option.ts';

it('splits NAME=VALUE at the first =, and takes a bare name as yes', () => {
  expect(parseOption('quality=80')).toEqual({ quality: '80' });
  expect(parseOption('env=A=B')).toEqual({ env: 'A=B' });
  expect(parseOption('speaker')).toEqual({ speaker: true });
});

it.each(['=x', '', 'a b=c'])('refuses %j', (text) => {
  expect(() => parseOption(text)).toThrow(expect.objectContaining({ code: 'bad-option' }));
});
