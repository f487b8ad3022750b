"""Believable names, none of somebody known. Pure, no Django."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import product

from demo.days import dice

# Where a name comes from: how many of a hundred, given names, family names.
_ORIGINS: dict[str, tuple[int, str, str]] = {
    "norwegian": (
        52,
        "Anders Bente Bjørn Camilla Cathrine Eirik Eline Espen Frode Geir Grete Guro Håkon Hanne "
        "Heidi Helge Hege Inger Ivar Jorunn Kjersti Knut Kristin Lars Lise Live Maren Marit "
        "Morten Nora Olav Petter Ragnhild Rolf Rune Sigrid Silje Sindre Stian Svein Tone Torill "
        "Trond Turid Vegard Vilde Yngve Øystein Åse Åshild",
        "Aasland Bakke Berntsen Bjerke Bråten Brekke Dalen Eide Engen Fjeld Fossum Gundersen "
        "Hagen Halvorsen Haugland Helgesen Holm Iversen Jensrud Kleven Knutsen Kvam Lervik Lien "
        "Lund Løken Moe Myhre Nergård Nygård Opsahl Paulsen Rønning Rustad Sandvik Skaar Skogen "
        "Solli Stenersen Strøm Sæther Tangen Tveit Ulven Vangen Vestby Viken Wold Ødegård Aamodt",
    ),
    "polish": (
        10,
        "Agnieszka Andrzej Beata Bartosz Dorota Ewa Grzegorz Iwona Jacek Joanna Justyna Krzysztof "
        "Łukasz Magdalena Marek Mateusz Paweł Piotr Renata Zbigniew",
        "Adamczyk Bąk Cieślak Dudek Gajda Kaczmarek Kozioł Kubiak Lis Marczak Mazur Michalak "
        "Pawlak Sikora Stępień Szulc Urban Walczak Wilk Zając",
    ),
    "indian": (
        6,
        "Ananya Arjun Deepa Harish Kavita Lakshmi Manoj Neha Priya Rajesh Sanjay Sunita Vikram",
        "Bhatt Chandran Deshpande Iyer Joshi Kulkarni Menon Nair Pillai Rao Shetty Venkatesan",
    ),
    "arabic": (
        6,
        "Ahmad Dina Fatima Hassan Karim Khalid Layla Mariam Nabil Nour Rania Tariq Yasmin Ziad",
        "Aziz Darwish Farouk Haddou Issa Khoury Mansour Najjar Qasim Rahal Saleh Tahan Zein",
    ),
    "german": (
        5,
        "Anja Bernd Claudia Dirk Frauke Heike Jürgen Katrin Matthias Silke Stefan Uwe",
        "Albrecht Brandt Dietrich Ebert Grote Hartwig Kessler Lorenz Pohl Reuter Seidel Vogt",
    ),
    "chinese": (
        5,
        "Bo Fang Hui Jing Lei Li Mei Ning Qian Rui Wen Xin Yan Yi",
        "Cao Deng Fan Guo He Lu Pan Qiu Shen Song Tan Xie",
    ),
    "somali": (
        4,
        "Abdirahman Amal Asha Faduma Hodan Ifrah Mahad Sahra Warsame Yusuf",
        "Abdi Ali Dirie Egal Farah Guled Hersi Jama Nur Samatar",
    ),
    "spanish": (
        4,
        "Alba Carlos Elena Ignacio Inés Jorge Lucía Marcos Pilar Raúl",
        "Aguirre Blanco Cabrera Domínguez Herrero Lozano Marín Ortega Peña Vidal",
    ),
    "swedish": (
        4,
        "Annika Björn Elsa Gunnar Johanna Karin Lennart Malin Oskar Ulrika",
        "Åkesson Bergqvist Dahlin Ekström Forsberg Hedlund Lindholm Nyström Sandell Wikström",
    ),
    "finnish": (
        4,
        "Aino Eero Hanna Jaakko Kirsi Liisa Marko Sanna Tapio Tiina",
        "Aalto Heikkilä Järvinen Laine Lehtonen Mäkelä Ojala Rantanen Salo Tamminen",
    ),
}
_MARKS = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "å": "aa", "ß": "ss"})


def address(name: str, domain: str) -> str:
    """A work e-mail: "Marta Kowalczyk" → "marta.kowalczyk@halden.example"."""
    text = unicodedata.normalize("NFC", name.lower()).translate(_MARKS)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]+", ".", text).strip(".") + "@" + domain


def strangers(taken: set[str]) -> Iterator[str]:
    """Names without end in sight (about 4,000), mixed as in the company, none of them taken."""
    chance = dice("names")
    shares = [share for share, _given, _family in _ORIGINS.values()]
    pools = []
    for _share, given, family in _ORIGINS.values():
        pairs = [f"{first} {last}" for first, last in product(given.split(), family.split())]
        chance.shuffle(pairs)
        pools.append(pairs)
    while True:
        pool = chance.choices(pools, shares)[0]
        if not pool:
            return
        name = pool.pop()
        if name not in taken:
            yield name
