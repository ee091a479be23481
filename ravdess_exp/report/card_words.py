"""What a model card says of every model: what it is for, and what must not be done with it."""

USES = """\
For research and teaching on recordings of acted emotions: to compare features and models, to study how
they fail, to reproduce the scores below."""
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
