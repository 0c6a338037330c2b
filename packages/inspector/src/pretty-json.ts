/** `JSON.stringify(value, null, 2)`, which for a small body of deep nesting would make a huge text, up to a limit. */
export function prettyJson(value: unknown, maxCharacters: number): string {
  const parts: string[] = [];
  let length = 0;
  /** @returns whether there is room for more */
  const put = (text: string): boolean => {
    parts.push(text);
    length += text.length;
    return length <= maxCharacters;
  };
  const write = (each: unknown, indent: string): boolean => {
    if (typeof each !== 'object' || each === null) return put(JSON.stringify(each) ?? 'null');
    const isList = Array.isArray(each);
    const items = Object.entries(each);
    const [open, close] = isList ? '[]' : '{}';
    if (items.length === 0) return put(`${open}${close}`);
    const deeper = `${indent}  `;
    let isFirst = true;
    for (const [key, item] of items) {
      if (!put(`${isFirst ? open : ','}\n${deeper}${isList ? '' : `${JSON.stringify(key)}: `}`)) return false;
      if (!write(item, deeper)) return false;
      isFirst = false;
    }
    return put(`\n${indent}${close}`);
  };
  const isWhole = write(value, '');
  const text = parts.join('');
  return isWhole ? text : `${text.slice(0, maxCharacters)}\n… (cut here)`;
}
