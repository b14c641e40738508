/**
 * Personal data by form and checksum. Sources: ISO/IEC 7812 (card numbers, Luhn), ISO 13616 (IBAN, modulo
 * 97), SSA "Social Security Number Randomization" (invalid areas), HMRC NIM39110 (NI numbers), NANP 555-01xx,
 * ITU-T E.164; the test numbers that Stripe, PayPal and Adyen publish.
 */
import { hostKind } from './host-names.ts';

export interface PersonalDatum {
  readonly what: string;
  /** What may be shown of it. */
  readonly shown: string;
  readonly value: string;
  /** For an address: the domain, so that it can be replaced. */
  readonly domain?: string;
  /** A number that is a card's by its length and its last digit alone: other numbers are made alike. */
  readonly isCard?: true;
}

const CARD = /(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])/;
const ISSUED = /^(?:4\d{12}(?:\d{3})?(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(?:011|5\d\d)\d{12}|35\d{14}|3[0689]\d{12})$/;
/** Beginnings of the numbers that payment services publish for tests. */
const TEST_CARDS =
  /^(?:42424242|41111111|40000|4012888|40128888|4222222|4005519|55555555|51051051|52008282|2223|378282|371449|378734|6011|3056930|30569|38520|3566|35301|6200000|5431111|4988|4444)/;

function luhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    let digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    if (at % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 === 0;
}

function cardIn(text: string): string | undefined {
  const digits = CARD.exec(text)?.[0]?.replace(/[ -]/g, '');
  if (digits === undefined || !ISSUED.test(digits) || TEST_CARDS.test(digits) || !luhn(digits)) return undefined;
  return new Set(digits).size < 5 || /012345|123456|(\d)\1{4}/.test(digits) ? undefined : digits;
}

const IBAN = /(?<![\w])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![\w])/;
/** Samples that banks and Wikipedia print. */
const TEST_IBANS = /^(?:GB82WEST|GB29NWBK|GB33BUKB|DE89370400440532013000|DE75512108001245126199|FR1420041010050500013M02606|NL91ABNA|ES912100|IT60X054|CH93)/;

function ibanIn(text: string): string | undefined {
  const iban = IBAN.exec(text)?.[0]?.replaceAll(' ', '');
  if (iban === undefined || iban.length < 15 || iban.length > 34 || TEST_IBANS.test(iban) || !/\d{6}/.test(iban) || /0{7}|1234567/.test(iban)) return undefined;
  let rest = 0;
  for (const it of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(it, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1 ? iban : undefined;
}

const SSN = /(?<![\w-])(\d{3})-(\d{2})-(\d{4})(?![\w-])/;
const NINO = /(?<![A-Za-z0-9])(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?![A-Za-z0-9])/;
const SSN_NAME = /ssn|social_?sec|tax_?id/i;
const NINO_NAME = /nino|national_?ins|ni_?number/i;
const PHONE_NAME = /phone|mobile|(?:^|_)tel(?:$|_)|fax|msisdn|cell(?:$|_)/i;
const PHONE = /^\+(?:1[ .-]?\(?[2-9]\d\d\)?[ .-]?[2-9]\d\d[ .-]?\d{4}|[2-9]\d[ .()\d-]{7,16}\d)$/;

function numberUnder(name: string, text: string): { readonly what: string; readonly value: string } | undefined {
  if (SSN_NAME.test(name)) {
    const match = SSN.exec(text);
    const [whole, area = '', group, serial] = match ?? [];
    if (
      whole !== undefined &&
      !/^(?:000|666|9\d\d)$/.test(area) &&
      group !== '00' &&
      serial !== '0000' &&
      !/^(?:078-05-1120|219-09-9999|123-45-6789|987-65-4321|111-11-1111|111-22-3333)$/.test(whole)
    )
      return { what: 'a social security number', value: whole };
  }
  if (NINO_NAME.test(name)) {
    const found = NINO.exec(text)?.[0];
    if (found !== undefined && !/^(?:QQ|AB ?12 ?34 ?56|AA ?00)/.test(found)) return { what: 'a national insurance number', value: found };
  }
  if (PHONE_NAME.test(name) && PHONE.test(text)) {
    const digits = text.replace(/\D/g, '');
    if (!/55501\d\d$|^44(?:20|7)?7?9?00?900|555\d{4}$|(\d)\1{4}|12345|0000/.test(digits)) return { what: 'a phone number', value: digits };
  }
  return undefined;
}

const EMAIL = /(?<![\w.+%-])([A-Za-z0-9][\w.+-]{0,63})@((?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24})(?![\w-]|:\d)/;
/** Not a person: a role, or made up. */
const ROLE =
  /^(?:(?:hello|team|service|reply|other|another|fake|my|your|same|current|target|primary|secondary|private|public|change|e?mail)(?:[._+-][\w.+-]*|\d*)|admin|administrator|root|user|users?\d*|test\w*|\w*test|info|support|noreply|no-reply|do-?not-?reply|sales|help|contact|me|you|foo|bar|baz|spam|eggs|alice|bob|carol|eve|mallory|joe|jane|john|jdoe|john[._]?doe|jane[._]?doe|abc|someone|somebody|nobody|name|email|mail|git|postmaster|webmaster|hostmaster|abuse|security|dev|bot|from|to|sender|recipient|a|b|c|x|y|z|\w{1,3})$/i;
/** Words for what stands there. */
const NOWHERE = /^(?:e?mails?|address|users?|provider|whatever|nowhere|this|backup)\.\w+$/i;
/** What has the form of an address and is none: a remote of Git, a service account, an SSH algorithm. */
const NO_PERSON =
  /^(?:git@|ssh|ext-info|\w+@(?:openssh|libssh|ssh)\.)|\.(?:gserviceaccount\.com|internal|local|lan|png|jpg|svg|py|js|json|txt)$|openssh\.com$|libssh\.org$|\.rst$/i;

/** Personal data in a text that is bound to a name; undefined for what is published, reserved or made up. */
export function personalDataIn(text: string, name: string): PersonalDatum | undefined {
  if (text.length < 8 || text.length > 4000) return undefined;
  if (text.includes('@')) {
    const match = EMAIL.exec(text);
    const [whole, local = '', domain = ''] = match ?? [];
    if (
      whole !== undefined &&
      !ROLE.test(local) &&
      !NO_PERSON.test(whole) &&
      !/[:/]/.test(text[(match?.index ?? 0) - 1] ?? '') &&
      !NOWHERE.test(domain) &&
      hostKind(domain) === 'public'
    )
      return { what: 'an e-mail address', shown: `${local.slice(0, 1)}…@${domain}`, value: whole.toLowerCase(), domain };
  }
  if (!/\d\d/.test(text)) return undefined;
  const card = cardIn(text);
  if (card !== undefined) return { what: 'a valid card number', shown: `${card.slice(0, 4)}…`, value: card, isCard: true };
  const iban = ibanIn(text);
  if (iban !== undefined) return { what: 'a valid IBAN', shown: `${iban.slice(0, 4)}…`, value: iban };
  const number = name === '' ? undefined : numberUnder(name, text);
  return number === undefined ? undefined : { what: number.what, shown: `${number.value.slice(0, 3)}…`, value: number.value };
}
