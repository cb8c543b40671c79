export const main = 'an agent';
