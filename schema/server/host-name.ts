/** Host names by which projects are reached. Pure. */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** What is wrong with a host name, with the name that was probably meant; undefined: nothing, in lower case it can be used. */
export function wrongHostName(text: string): { readonly message: string; readonly hint: string } | undefined {
  const name = text.toLowerCase();
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(name))
    return { message: `"${text}" is a URL.`, hint: 'write the host name alone, such as books.example.com' };
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0)
    return { message: `"${text}" is an address.`, hint: 'write a name, such as books.example.com' };
  if (/^[^:/]+:[0-9]+$/.test(name))
    return {
      message: `"${text}" has a port.`,
      hint: `write ${name.replace(/:.*/, '')}: a name holds on every port`,
    };
  if (name.includes('*')) return { message: `"${text}" is a pattern.`, hint: 'write each host name out' };
  if (name.endsWith('.')) return { message: `"${text}" ends with a dot.`, hint: 'write it without' };
  if (/[^\u0000-\u007f]/.test(name)) {
    const ascii = domainToASCII(name);
    return {
      message: `"${text}" is not as browsers send it.`,
      hint: ascii === '' ? 'write it in the form xn--…' : `write ${ascii}`,
    };
  }
  const labels = name.split('.');
  const fits = labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  // Browsers read what ends in a number as an address.
  if (fits && name.length <= 253 && !/^[0-9]+$/.test(labels.at(-1)!)) return undefined;
  return {
    message: `"${text.slice(0, 60)}" is not a host name.`,
    hint: 'write letters, digits and "-" with dots between them, such as books.example.com',
  };
}
