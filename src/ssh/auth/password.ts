/** A password that somebody is asked for (RFC 4252 §8). */
import type { AuthProvider } from './provider.ts';

export function passwordProvider(): AuthProvider {
  return {
    method: 'password',
    async offers(target, asker) {
      if (!target.passwords) return { credentials: [], notes: ['PasswordAuthentication is off.'] };
      if (!asker.mayTry) return { credentials: [], notes: [] };
      const who = `${target.user}@${target.name}`;
      const ask = async () => {
        if (!asker.mayTry) return undefined;
        const prompts = [{ prompt: `Password of ${who}:`, echo: false }];
        const answers = await asker.ask({
          kind: 'password',
          title: `${target.name} wants the password of ${target.user}`,
          prompts,
          ...asker.takeTry(),
        });
        return answers?.[0];
      };
      return { credentials: [{ kind: 'password', label: 'a password', repeats: true, ask }], notes: [] };
    },
  };
}
