"""Sentences in the formats of shared tasks, and how the tests read them."""

from __future__ import annotations

from pathlib import Path

from seqlab.data.reading.tagged.sentences import read_sentences

NBSP = "\u00a0"


def read(folder: Path, text: str, name: str = "a.conll") -> dict[str, list[list[str | None]]]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_sentences([path], conllu=name.endswith(".conllu"))[0]


def notices(folder: Path, text: str) -> list[str]:
    path = folder / "a.conll"
    path.write_text(text, encoding="utf-8")
    return [str(decision) for decision in read_sentences([path])[1] if decision.notable]


CONLL_2000 = """Mara NNP B-NP
sells VBZ B-VP
red JJ B-NP
boats NNS I-NP
. . O

She PRP B-NP
left VBD B-VP
"""
CONLL_2003 = """-DOCSTART- -X- -X- O

Mara NNP B-NP B-PER
left VBD B-VP O
Oslo NNP B-NP B-LOC

-DOCSTART- -X- -X- O

Rain NN B-NP O
"""
CONLL_2002 = """Mara N B-PER
woont V O
in Prep O
Delft N B-LOC
. Punc O
"""
CONLL_2003_GERMAN = """Die die ART I-NC O
alte alt ADJA I-NC O
Stadt Stadt NN I-NC O
Ulm Ulm NE I-NC I-LOC
schläft schlafen VVFIN I-VC O
. . $. O O
"""
CONLL_X = """1\tBoote\tBoot\tN\tNN\t_\t2\tSB\t_\t_
2\tfahren\tfahren\tV\tVVFIN\t_\t0\tROOT\t_\t_

1\tIns\t_\t_\t_\t_\t2\tMO\t_\t_
2\tMeer\tMeer\tN\tNN\t_\t0\tROOT\t_\t_
"""
CONLL_2008 = """1\tBoats\tboat\tNNS\tNNS\tBoats\tboat\tNNS\t2\tSBJ\t_\tA1
2\tsail\tsail\tVBP\tVBP\tsail\tsail\tVBP\t0\tROOT\tsail.01\t_

1\tRain\train\t_\tNN\tRain\train\tNN\t0\tROOT\t_
"""
CONLL_2009 = """1\tBoats\tboat\tboat\tNNS\tNNS\t_\t_\t2\t2\tSBJ\tSBJ\t_\t_\tA1
2\tsail\tsail\tsail\tVBP\tVBP\t_\t_\t0\t0\tROOT\tROOT\tY\tsail.01\t_

1\tRain\train\train\tNN\t_\t_\t_\t0\t0\tROOT\tROOT\t_\t_
"""
CONLL_2012 = """#begin document (nw/port/00/port_0001); part 000
nw/port/00/port_0001   0   0    Mara    NNP  (TOP(S(NP*    -    -   -   -   (PERSON*    (ARG0*   (0
nw/port/00/port_0001   0   1    Lind    NNP          *)    -    -   -   -          *)        *)   0)
nw/port/00/port_0001   0   2     left   VBD      (VP*   leave   01   1   -           *     (V*)    -
nw/port/00/port_0001   0   3    Oslo    NNP    (NP*)))    -    -   -   -      (GPE*)   (ARG1*)    -

nw/port/00/port_0001   0   0    Rain    NN   (TOP(NP*))   -   -   -   -    *    -

#end document
"""
GERM_EVAL = """#\thttps://example.org/wiki/Ulm [2010-01-02]
1\tDas\tO\tO
2\tUlmer\tB-ORG\tB-LOCderiv
3\tTheater\tI-ORG\tO

#\thttps://example.org/wiki/Rain [2010-01-03]
1\tRegen\tO\tO
"""
MULTI_CONER = """# id 1f0e-77\tdomain=en

mara _ _ B-PER
lind _ _ I-PER
left _ _ O

# id 1f0e-78 domain=en
rain _ _ O
"""
WNUT = "@mara_l\tO\n#Oslo\tB-location\nrocks\tO\n\t\nso\tO\n#\tO\n1\tO\n"
U_PLUS = """# global.columns = ID FORM LEMMA UPOS PARSEME:MWE
# text = They gave up
1\tThey\tthey\tPRON\t*
2\tgave\tgive\tVERB\t1:VPC.full
3\tup\tup\tADP\t1

1-2\tdont\t_\t_\t_
1\tdo\tdo\tAUX\t_
2\tnt\tnot\tPART\t_
"""


WEBANNO = """#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value


#Text=Mara left
1-1\t0-4\tMara\t*\tPER\t
1-2\t5-9\tleft\t_\t_\t

#Text=Rain
2-1\t10-14\tRain\t_\t_\t
"""
