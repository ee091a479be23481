"""What a model card says of every model: of the corpora, and what must not be done with it."""

USES = """\
For research and teaching on recordings of acted emotions: to compare features and models, to study how
they fail, to reproduce the scores below."""
RAVDESS_DATA = """\
RAVDESS (Livingstone & Russo 2018, PLoS ONE 13(5): e0196391, doi 10.5281/zenodo.1188976): 24 professional
actors of Toronto, Canada, 12 women and 12 men, who speak two English sentences in a studio and *act*
emotions that they were asked for."""
REENACTED_DATA = """\
Clips under RAVDESS's file names, in a folder that is named as re-enacted: other faces and voices perform
after RAVDESS. They are not RAVDESS."""
DEMO_DATA = """\
The demo corpus of ravdess_exp: faces that are drawn and voices that are synthesised. Nobody is in it."""
OTHER_DATA = "A corpus of the user's own. What is not written below about it is not known here."
ACTED = """\
- **It does not detect what a person feels.** It was trained on emotions that were acted on request, and
  names the class that a recording resembles most. What a face or voice shows and what someone feels are
  different things.
- **Not for decisions about people**: no hiring, marking, policing, border control, insurance, diagnosis,
  therapy or selection of any kind.
- **Not at work or in education.** In the European Union, Regulation (EU) 2024/1689 (AI Act), Article
  5(1)(f) prohibits AI systems that infer emotions of people at the workplace and in education
  institutions, except for medical or safety reasons, since 2 February 2025. Elsewhere emotion recognition
  counts as high-risk (Annex III, point 1(c)), and those who use it must tell the people it is used on
  (Article 50(3)).
- **Not for people unlike its speakers.** How it does with other ages, accents, languages, skin colours,
  health, cameras and microphones was not measured."""
