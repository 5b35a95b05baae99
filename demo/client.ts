/** The application that the demonstration plays, by the name that signers are shown. */
export const CLIENT = { id: 'demonstration', name: 'Natsuin demonstration' }
