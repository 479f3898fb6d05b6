// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced here
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/** Text from inside, made safe to show: no control or bidirectional characters, and cut to a length. */
export const printable = (text: string, maxLength: number): string =>
  text.slice(0, maxLength).replace(UNPRINTABLE, '\ufffd');
