import Conf from 'conf';
export const elsewhere = Conf;
