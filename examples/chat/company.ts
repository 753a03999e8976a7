// What the mock knows: enough for a conversation that looks like one.

const page = (slug: string, title: string, text: string) => ({
  chunk_id: `chk_${slug}`,
  data_source_id: 'ds_1',
  document_id: `doc_${slug}`,
  document_title: title,
  document_url: `https://example.com/${slug}`,
  text,
});

export const company = {
  passages: [
    page(
      'refund',
      'Refund Policy',
      'Our refund policy allows returns within 30 days, opened or not, at the full price.',
    ),
    page(
      'returns',
      'Sending Parcels Back',
      'Print the label in your account. The refund follows within five working days.',
    ),
    page('terms', 'Terms of Service', 'Changes to a policy are announced thirty days ahead.'),
    page(
      'password',
      'Signing In',
      'To reset a password, choose “Forgot password”. The link in the mail is good for one hour.',
    ),
    page('security', 'Security', 'A new password signs all other devices out.'),
    page(
      'pricing',
      'Pricing',
      'Pricing starts at $99 a month for a team of up to ten people. Larger teams get a quote.',
    ),
  ],
  answers: {
    'What is your refund policy?':
      'You can return anything within 30 days of delivery, opened or not, and get the full price back.\n\nSend the parcel with the label from your account. The refund is on its way within five working days of its arrival, to the card that you paid with.',
    'How do I reset my password?':
      'Choose “Forgot password” on the sign-in page and enter your address. You get a mail with a link that is good for one hour: open it and choose a new password.\n\nAll other devices are signed out when you do.',
    'What is pricing for a team of twelve?':
      'Pricing starts at $99 a month for a team of up to ten people. For twelve you get a quote, which is usually the same price for each seat.\n\nEvery plan can be tried for two weeks without a card.',
  },
};
