import { describe, expect, it } from 'vitest';
import { venueSentence } from './venue-code-text';

const COMMON = [
  ...['50011', '50013', '50026', '50061', '50101', '50102', '50105', '50110', '50111', '50113', '50119'],
  ...['51000', '51004', '51006', '51008', '51010', '51020', '51023', '51025', '51028'],
  ...['51046', '51047', '51048', '51049', '51050', '51051', '51052', '51053'],
  ...['51112', '51119', '51121', '51124', '51127', '51131', '51169', '51202', '51205'],
  ...['51277', '51278', '51279', '51280', '51603', '59668', '59669'],
];

describe('venueSentence', () => {
  it('has a sentence of its own for what venues answer often, in both languages', () => {
    for (const code of COMMON) {
      const [en, zh] = [venueSentence(code, 'en'), venueSentence(code, 'zh')];
      expect(en).toMatch(/^[A-Z].*\.$/);
      expect(zh).toMatch(/^[^。]*[\u4e00-\u9fff][^。]*。$/);
      expect(`${en}${zh}`).not.toContain(code);
    }
  });

  it('names take-profit and stop-loss as the venue does', () => {
    for (const code of ['51046', '51048', '51050', '51052', '51277', '51279'])
      expect(venueSentence(code, 'en')).toContain('take-profit');
    for (const code of ['51047', '51049', '51051', '51053', '51278', '51280'])
      expect(venueSentence(code, 'en')).toContain('stop-loss');
  });

  it('says of a code that it does not know that it is a refusal, with the code', () => {
    expect(venueSentence('51999', 'en')).toBe('The exchange refused it (code 51999).');
    expect(venueSentence('51999', 'zh')).toBe('交易所拒绝了该请求（代码 51999）。');
  });

  it('tells a refusal of the leverage by what the venue said of it', () => {
    expect(venueSentence('LEVERAGE_51000', 'en')).toBe(
      'The leverage could not be set. The exchange did not accept a value of the request.',
    );
    expect(venueSentence('LEVERAGE_TIMEOUT', 'zh')).toBe('杠杆未能设置。');
  });

  it('says nothing of codes that are no venue’s', () => {
    for (const code of ['TIMEOUT', 'HTTP_503', '', '51', 'constructor']) expect(venueSentence(code, 'en')).toBeNull();
  });
});
