/** Names of branches and tags by Git's own rules (`git check-ref-format`), which what the engine hands to Git must keep. Pure. */

const maxBytes = 250;

/**
 * What is wrong with the name of a branch, or of a tag as `refs/tags/v1`.
 *
 * @returns how the sentence `The ref …` goes on; undefined: it can be followed
 */
export function wrongRef(ref: string): string | undefined {
  if (ref === '') return 'is empty';
  if (Buffer.byteLength(ref) > maxBytes) return `is longer than ${maxBytes} bytes`;
  if (!ref.isWellFormed()) return 'is no valid text';
  if (/[\u0000-\u001f\u007f]/.test(ref)) return 'contains a control character';
  if (ref.startsWith('-')) return 'begins with "-"';
  if (ref === '@' || ref === 'HEAD') return `is "${ref}", which names no branch`;
  const forbidden = /\.\.|@\{|[ ~^:?*[\\]/.exec(ref)?.[0];
  if (forbidden !== undefined)
    return `contains ${forbidden === ' ' ? 'a blank' : `"${forbidden}"`}, which Git does not allow`;
  if (ref.startsWith('/') || ref.endsWith('/') || ref.includes('//')) return 'has a "/" too many';
  if (ref.endsWith('.')) return 'ends with "."';
  const part = ref.split('/').find((one) => one.startsWith('.') || one.endsWith('.lock'));
  if (part !== undefined) return `has the part "${part}": none may begin with "." or end with ".lock"`;
  if (ref.startsWith('refs/') && !/^refs\/(heads|tags)\//.test(ref))
    // Anybody can write to `refs/pull/…`.
    return 'is neither a branch nor a tag';
  return undefined;
}
